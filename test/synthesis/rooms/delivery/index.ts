export const room = 'delivery';
