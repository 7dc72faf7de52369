export const room = 'tools';
