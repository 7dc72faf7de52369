export const room = 'experiments/campaign';
