export const room = 'imports/source';
