// An OpenID Connect provider for tests, in the place of Google: npm's certified oidc-provider with its own sign-in page. Whoever signs
// in is believed, and the login name is the account's e-mail address. Run by openid-provider.ts.
import Provider from 'oidc-provider';

const { port, clientId, clientSecret, redirectUri } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
    },
  ],
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
provider.listen(port, '127.0.0.1', () => console.log('ready'));
