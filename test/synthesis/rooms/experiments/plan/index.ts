export const room = 'experiments/plan';
