export const room = 'bench';
