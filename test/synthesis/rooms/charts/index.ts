export const room = 'charts';
