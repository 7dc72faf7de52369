// How Renovate itself runs here; what it looks for is in renovate.json at the repository's root.
const { DOCKER_HUB_USERNAME: username, DOCKER_HUB_TOKEN: password } = process.env;

module.exports = {
  platform: 'github',
  onboarding: false,
  requireConfig: 'required',
  // The platform's own images are private repositories on Docker Hub.
  hostRules: username && password ? [{ hostType: 'docker', matchHost: 'docker.io', username, password }] : [],
};
