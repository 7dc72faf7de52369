export const room = 'experiments/analysis';
