import { settings } from '../../../facts/settings';
import { openBrowser, screenshot } from './browser';
import { startGatewayStack, type GatewayStack } from './gateway-stack';
import { takePodAddress } from './pod-network';
import { Visitor, type Answer } from './visitor';

const { hosts } = settings;
const frontEnd = `https://${hosts.frontEnd}`;
const api = `https://${hosts.api}`;
const auth = `https://${hosts.auth}`;
const HOME = [hosts.frontEnd, hosts.auth];
const ORIGIN = { origin: frontEnd };

/** Characters that a WSGI server turns into the same underscore as a dash, and that HTTP permits in a header's name. */
const ALIAS_CHARACTERS = ['_', '.', '!', '~', '+', '|', '^', '$', '#', '%', '&', "'", '*', '`'];

const IDENTITY_HEADERS = [
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Auth-Request-Preferred-Username',
  'X-Auth-Request-Access-Token',
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Preferred-Username',
];

describe('the gateway', () => {
  let stack: GatewayStack;
  let member: Visitor;

  const visitor = () => new Visitor(stack.traefik.port);

  beforeAll(async () => {
    stack = await startGatewayStack();
    member = visitor();
    const landed = await member.signIn(stack.authorised, signInAddress(`${frontEnd}/`));
    if (landed.status !== 200) throw new Error(`signing in ended with ${landed.status} at ${landed.address}`);
  }, 240_000);

  afterAll(async () => {
    await stack?.stop();
  }, 60_000);

  test('the front end without a session shows the sign-in page', async () => {
    const answer = await visitor().ask(`${frontEnd}/flowsheets/7`);
    expect(answer.status).toBe(401);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain('<title>Sign In</title>');
    expect(answer.body).toContain('Sign in with');
    expect(backEndOf(answer)).toBeUndefined();
  });

  test('what the sign-in page is made of can be fetched without a session', async () => {
    const page = await visitor().ask(`${frontEnd}/`);
    const parts = [...page.body.matchAll(/(?:href|src|action)="(\/oauth2\/[^"]+)"/g)].map(([, path]) => path!);
    expect(parts.length).toBeGreaterThan(1);
    for (const path of parts) {
      const answer = await visitor().ask(frontEnd + path);
      expect([path, answer.status]).toEqual([path, path.startsWith('/oauth2/start') ? 302 : 200]);
    }
  });

  test('signing in leads back to the page that was asked for', async () => {
    const landed = await visitor().signIn(stack.authorised, signInAddress(`${frontEnd}/flowsheets/7?tab=streams`));
    expect([landed.status, landed.address]).toEqual([200, `${frontEnd}/flowsheets/7?tab=streams`]);
    expect(backEndOf(landed)).toBe('front-end');
  });

  test('the front end with a session is served', async () => {
    const answer = await member.ask(`${frontEnd}/flowsheets/7`);
    expect([answer.status, backEndOf(answer)]).toEqual([200, 'front-end']);
    expect(answer.body).toContain('Ahuora Digital Platform');
  });

  test('an e-mail address that is not on the list is refused and gets no session', async () => {
    const stranger = visitor();
    const refused = await stranger.signIn(stack.stranger, signInAddress(`${frontEnd}/`));
    expect(refused.status).toBe(403);
    expect(refused.cookies.filter((line) => line.startsWith('__Secure-ahuora='))).toEqual([]);
    expect((await stranger.ask(`${frontEnd}/`)).status).toBe(401);
    expect((await stranger.ask(`${api}/api/status/`)).status).toBe(401);
  });

  test('the API without a session answers a plain 401 with CORS headers: no redirect and no page', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await visitor().ask(`${api}/api/unitops/unitops/`, { method, headers: ORIGIN });
      expect([method, answer.status]).toEqual([method, 401]);
      expect(answer.headers.location).toBeUndefined();
      expect(answer.headers['content-type']).toMatch(/^text\/plain/);
      expect(answer.body).not.toContain('<');
      expect(answer.headers['access-control-allow-origin']).toBe(frontEnd);
      expect(answer.headers['access-control-allow-credentials']).toBe('true');
      expect(backEndOf(answer)).toBeUndefined();
    }
  });

  test('the API with a session is served, and is told whose session it is', async () => {
    const answer = await member.ask(`${api}/api/unitops/unitops/?flowsheetOwner=7`, { headers: ORIGIN });
    expect([answer.status, backEndOf(answer)]).toEqual([200, 'django-api']);
    expect(received(answer).url).toBe('/api/unitops/unitops/?flowsheetOwner=7');
    expect(identitiesIn(answer)).toContainEqual(['HTTP_X_AUTH_REQUEST_EMAIL', stack.authorised]);
    expect(answer.headers['access-control-allow-origin']).toBe(frontEnd);
  });

  test('a preflight from the front end passes without a session, for the allowed methods and headers only', async () => {
    const answer = await visitor().ask(`${api}/api/solve/idaes/`, preflight(frontEnd));
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(frontEnd);
    expect(answer.headers['access-control-allow-credentials']).toBe('true');
    expect(listOf(answer, 'access-control-allow-methods')).toEqual([
      'delete',
      'get',
      'options',
      'patch',
      'post',
      'put',
    ]);
    expect(listOf(answer, 'access-control-allow-headers')).toEqual([
      'accept',
      'authorization',
      'content-type',
      'x-csrftoken',
      'x-requested-with',
    ]);
    expect(backEndOf(answer)).toBeUndefined();
  });

  test('a preflight or a request from any other origin is given no permission', async () => {
    const others = [
      'https://evil.example',
      'null',
      `http://${hosts.frontEnd}`,
      `https://${hosts.frontEnd}.evil.example`,
    ];
    for (const origin of others) {
      const asked = await visitor().ask(`${api}/api/solve/idaes/`, preflight(origin));
      expect([origin, asked.headers['access-control-allow-origin']]).toEqual([origin, undefined]);
      const read = await member.ask(`${api}/api/status/`, { headers: { origin } });
      expect([origin, read.headers['access-control-allow-origin']]).toEqual([origin, undefined]);
    }
  });

  test('the auth host always answers by itself, with a session and without', async () => {
    const signedIn = visitor();
    await signedIn.signIn(stack.authorised, signInAddress(`${frontEnd}/`));
    for (const each of [visitor(), signedIn]) {
      const answer = await each.ask(`${auth}/oauth2/sign_in`);
      expect(answer.status).toBe(200);
      expect(answer.body).toContain('<title>Sign In</title>');
      expect((await each.ask(`${auth}/ping`)).status).toBe(200);
    }
  });

  test('every answer tells browsers what its page may not do', async () => {
    const answers = [
      await visitor().ask(`${frontEnd}/`),
      await member.ask(`${frontEnd}/`),
      await visitor().ask(`${api}/api/status/`),
      await member.ask(`${api}/api/status/`),
      await visitor().ask(`${auth}/oauth2/sign_in`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 200, 401, 200, 200]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'content-security-policy': "base-uri 'self'; object-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'strict-origin-when-cross-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
        'strict-transport-security': 'max-age=31536000',
      });
    }
  });

  test('an unknown host is answered 404', async () => {
    for (const host of ['unknown.ahuora.org.nz', 'example.org', `evil-${hosts.api}`]) {
      const answer = await member.ask(`https://${host}/`);
      expect([host, answer.status, backEndOf(answer)]).toEqual([host, 404, undefined]);
    }
  });

  test('forged identity headers, their aliases included, never reach a back end', async () => {
    for (const header of IDENTITY_HEADERS) {
      const aliases = ALIAS_CHARACTERS.map((character) => header.replaceAll('-', character));
      for (const name of [header, header.toLowerCase(), header.toUpperCase(), ...aliases]) {
        const answer = await member.ask(`${api}/api/status/`, { headers: { [name]: 'forged' } });
        const reached =
          answer.status === 200 ? identitiesIn(answer).filter(([, value]) => value.includes('forged')) : [];
        expect([name, reached]).toEqual([name, []]);
        expect([name, answer.status]).toEqual([name, /^[-a-z0-9]+$/i.test(name) ? 200 : 400]);
      }
    }
  });

  test('forged identity headers never reach the front end either', async () => {
    for (const name of IDENTITY_HEADERS) {
      const answer = await member.ask(`${frontEnd}/`, { headers: { [name]: 'forged' } });
      expect([name, answer.status, backEndOf(answer)]).toEqual([name, 200, 'front-end']);
      expect([name, JSON.stringify(received(answer)).includes('"forged"')]).toEqual([name, false]);
    }
  });

  test('forged identity headers and cookies open nothing without a session', async () => {
    const forgeries: Record<string, string>[] = [
      { 'X-Auth-Request-Email': stack.authorised, 'X-Auth-Request-User': stack.authorised },
      { 'X-Forwarded-User': stack.authorised, 'X-Forwarded-Email': stack.authorised },
      { cookie: '__Secure-ahuora=forged' },
      { authorization: `Basic ${Buffer.from(`${stack.authorised}:any`).toString('base64')}` },
      { 'X-Forwarded-Uri': '/oauth2/static/css/bulma.min.css' },
      { 'X-Forwarded-Method': 'OPTIONS' },
      { 'X-Forwarded-Host': hosts.auth },
    ];
    for (const headers of forgeries) {
      const answer = await visitor().ask(`${api}/api/status/`, { headers });
      expect([headers, answer.status, backEndOf(answer)]).toEqual([headers, 401, undefined]);
    }
  });

  test('what a client says of its own address, host and scheme is not believed', async () => {
    const claims = { 'X-Forwarded-For': '203.0.113.9', 'X-Real-Ip': '203.0.113.9', 'X-Forwarded-Host': 'evil.example' };
    const answer = await member.ask(`${api}/api/status/`, { headers: claims });
    const sent = JSON.stringify(received(answer).headers);
    expect(sent).not.toContain('203.0.113.9');
    expect(sent).not.toContain('evil.example');
  });

  test("the tunnel's pod is believed when it says who its client was", async () => {
    const tunnel = new Visitor(stack.traefik.port, await takePodAddress());
    await tunnel.signIn(stack.authorised, signInAddress(`${frontEnd}/`));
    const answer = await tunnel.ask(`${api}/api/status/`, { headers: { 'X-Forwarded-For': '203.0.113.9' } });
    expect(answer.status).toBe(200);
    const forwarded = received(answer).headers.find(([name]) => name.toLowerCase() === 'x-forwarded-for');
    expect(forwarded?.[1]).toMatch(/^203\.0\.113\.9, /);
  });

  test('a cookie ends with the working day', async () => {
    const cookies: string[] = [];
    const fresh = visitor();
    const ask = fresh.ask.bind(fresh);
    fresh.ask = async (...request) => {
      const answer = await ask(...request);
      cookies.push(...answer.cookies.filter((line) => /^__Secure-ahuora=[^;]/.test(line)));
      return answer;
    };
    await fresh.signIn(stack.authorised, signInAddress(`${frontEnd}/`));
    const seconds = cookies.map((line) => Number(/max-age=(\d+)/i.exec(line)?.[1]));
    expect(new Set(seconds)).toEqual(new Set([settings.session.hours * 3600]));
  });

  test('session cookies are Secure, HttpOnly, SameSite and of the right domain', async () => {
    const fresh = new Visitor(stack.traefik.port);
    const cookies: string[] = [];
    const ask = fresh.ask.bind(fresh);
    fresh.ask = async (...request) => {
      const answer = await ask(...request);
      if (request[0].startsWith('https:')) cookies.push(...answer.cookies);
      return answer;
    };
    await fresh.signIn(stack.authorised, signInAddress(`${frontEnd}/`));
    expect(cookies.filter((line) => line.startsWith('__Secure-ahuora='))).not.toEqual([]);
    for (const line of cookies) {
      const attributes = line.toLowerCase().split(/;\s*/).slice(1);
      expect(attributes).toEqual(expect.arrayContaining(['secure', 'httponly', 'samesite=lax', 'path=/']));
      // Old browsers and new ones alike take the leading dot away.
      expect(attributes.find((each) => each.startsWith('domain='))?.replace('=.', '=')).toBe('domain=ahuora.org.nz');
      expect(line).toMatch(/^__Secure-/);
    }
  });

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '///evil.example/',
    '/\\evil.example/',
    '\\\\evil.example',
    '/%09/evil.example/',
    'https:evil.example',
    `https://${hosts.frontEnd}.evil.example/`,
    `https://${hosts.frontEnd}@evil.example/`,
    `https://evil.example#${hosts.frontEnd}`,
    `https://evil${hosts.frontEnd}/`,
    `https://elsewhere.${hosts.frontEnd}/`,
    'javascript:alert(1)',
    'data:text/html,x',
    'HTTPS://EVIL.EXAMPLE/',
    'https:\\\\evil.example/',
    'https:///evil.example/',
    '/\t/evil.example/',
    '/\n//evil.example/',
    '/./\\evil.example/',
    '/..//evil.example/',
    '/%5cevil.example/',
    '%2f%2fevil.example/',
    'https://evil\u3002example/',
    `https://${hosts.frontEnd}\uff0fevil.example/`,
    `https://${hosts.frontEnd}\u3002evil.example/`,
    `https://${hosts.frontEnd}\\@evil.example/`,
    `https://${hosts.frontEnd}:443@evil.example/`,
    `https://${hosts.frontEnd}%2eevil.example/`,
    `https://evil.example?.${hosts.frontEnd}`,
    `//${hosts.frontEnd}@evil.example/`,
    `https://[::1]/`,
  ])('a sign-in and a sign-out that ask to be led to %s stay at home', async (target) => {
    const traveller = visitor();
    const landed = await traveller.signIn(stack.authorised, signInAddress(target));
    expect(HOME).toContain(new URL(landed.address).host);
    const left = await traveller.ask(`${frontEnd}/oauth2/sign_out?rd=${encodeURIComponent(target)}`);
    expect(left.status).toBe(302);
    // A browser reads a backslash as a slash, and so does URL.
    expect(HOME).toContain(new URL(left.headers.location!, frontEnd).host);
  });

  test('signing out ends the session', async () => {
    const leaver = visitor();
    await leaver.signIn(stack.authorised, signInAddress(`${frontEnd}/`));
    expect((await leaver.ask(`${frontEnd}/`)).status).toBe(200);
    await leaver.ask(`${frontEnd}/oauth2/sign_out`);
    expect((await leaver.ask(`${frontEnd}/`)).status).toBe(401);
  });

  test('plain HTTP is only ever redirected to HTTPS', async () => {
    const answer = await visitor().ask(`http://127.0.0.1:${stack.plainPort}/flowsheets/7`, {
      headers: { host: hosts.frontEnd },
    });
    expect([answer.status, answer.headers.location]).toEqual([301, `${frontEnd}/flowsheets/7`]);
  });

  test('a person signs in with a browser, lands on the page and the page reads the API', async () => {
    const browser = await openBrowser(stack.traefik.port);
    try {
      const page = await browser.newPage();
      await page.goto(`${frontEnd}/flowsheets/7`);
      await page.screenshot({ path: screenshot('1-sign-in') });
      await page.getByRole('button', { name: /Sign in with/ }).click();
      await page.getByPlaceholder(/login/i).fill(stack.authorised);
      await page.getByPlaceholder(/password/i).fill('any');
      await page.screenshot({ path: screenshot('2-provider') });
      await page.getByRole('button', { name: 'Sign-in' }).click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(`${frontEnd}/flowsheets/7`);
      expect(await page.getByRole('heading').textContent()).toBe('Ahuora Digital Platform');
      await page.screenshot({ path: screenshot('3-landed') });

      // The browser itself judges CORS, preflight included, and whether a script may see the session.
      const call = `fetch('${api}/api/solve/idaes/', { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: '{}' })`;
      expect(await page.evaluate(`${call}.then((answer) => answer.json()).then(({ method }) => method)`)).toBe('POST');
      expect(await page.evaluate('document.cookie')).not.toContain('__Secure-ahuora');

      const foreign = await browser.newPage();
      await foreign.goto(`${auth}/oauth2/sign_in`);
      expect(await foreign.evaluate(`${call}.then(() => 'read', () => 'refused')`)).toBe('refused');
    } finally {
      await browser.close();
    }
  }, 120_000);

  test('nothing went wrong behind the scenes: no pod failed, no route is out of force', async () => {
    expect(stack.player.failures).toEqual([]);
    expect(await stack.traefik.outOfForce()).toEqual([]);
  });

  function signInAddress(target: string): string {
    return `${frontEnd}/oauth2/start?rd=${encodeURIComponent(target)}`;
  }
});

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** What the stand-in for the API or the front end says that it received. */
function received({ body }: Answer): Received {
  return JSON.parse(/<script type="application\/json">(.*)<\/script>/.exec(body)?.[1] ?? body) as Received;
}

/** Headers that speak of who somebody is, under the names by which a WSGI application sees them. */
function identitiesIn(answer: Answer): [string, string][] {
  return received(answer)
    .headers.map(([name, value]): [string, string] => [`HTTP_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`, value])
    .filter(([name]) => /^HTTP_X_(AUTH_REQUEST|FORWARDED)_/.test(name));
}

/** Name of the back end that answered; undefined when the gateway answered by itself. */
function backEndOf(answer: Answer): string | undefined {
  return answer.headers['x-back-end'] as string | undefined;
}

function preflight(origin: string) {
  return {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-csrftoken',
    },
  };
}

function listOf(answer: Answer, header: string): string[] {
  return String(answer.headers[header]).toLowerCase().split(/,\s*/).sort();
}
