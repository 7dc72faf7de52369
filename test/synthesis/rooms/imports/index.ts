export const room = 'imports';
