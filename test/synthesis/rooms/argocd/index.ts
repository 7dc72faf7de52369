export const room = 'argocd';
