export const room = 'lib';
