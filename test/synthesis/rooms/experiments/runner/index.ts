export const room = 'experiments/runner';
