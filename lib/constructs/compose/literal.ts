/** Text that Compose shall not look into: it replaces `$NAME`, and a doubled dollar is a dollar. */
export const literal = (text: string) => text.replaceAll('$', '$$$$');
