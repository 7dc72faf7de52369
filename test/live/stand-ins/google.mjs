// Stands in for Google's sign-in: npm's certified oidc-provider at the addresses that OAuth2 Proxy's provider "google" has built in.
// Whoever signs in is believed, and the login name is the account's e-mail address. Run by test/live/internet.ts.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const { address, certificate, key, clientId, clientSecret, redirectUri } = JSON.parse(process.argv[2]);

const provider = new Provider('https://accounts.google.com', {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      // OAuth2 Proxy sends them in the body.
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  routes: { authorization: '/o/oauth2/auth', token: '/oauth2/v3/token' },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  // As Google does, the claims are in the identity token itself.
  conformIdTokenClaims: false,
  // As Google does for a client that asks for access while nobody is there (access_type=offline); it keeps such a token for good.
  issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: false,
  pkce: { required: () => false },
  cookies: { keys: ['only-for-tests'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: !id.startsWith('unverified'), name: id.split('@')[0] }),
  }),
});
const answer = provider.callback();
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
  // Google says of any token that it gave what it is worth; here every token is a good one.
  if (request.url.startsWith('/oauth2/v1/tokeninfo')) return response.writeHead(200).end('{}');
  return answer(request, response);
});
server.listen(443, address, () => console.log('ready'));
