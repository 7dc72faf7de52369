export const room = 'test';
