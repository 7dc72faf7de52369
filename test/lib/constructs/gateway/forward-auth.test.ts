import { ForwardAuth } from '../../../../lib/constructs/gateway/forward-auth';
import { serviceEndpoint } from '../../../../lib/constructs/network/endpoint';
import { objectsOf, sampleComponent } from '../sample';

it('asks below /oauth2 unless told otherwise, and takes identity from the answer alone', () => {
  const component = sampleComponent('gateway');
  const { signIn, forwarder } = new ForwardAuth(component, {
    signInName: 'sign-in',
    forwarderName: 'forwarder',
    authority: serviceEndpoint('proxy', 4180),
    sessionCookie: 'session',
  });
  expect([signIn.reference, forwarder.reference]).toEqual([
    'space_sign-in@kubernetescrd',
    'space_forwarder@kubernetescrd',
  ]);
  expect(objectsOf(component).map(({ spec }) => spec)).toEqual([
    { errors: { status: ['401'], service: { name: 'proxy', port: 4180 }, query: '/oauth2/sign_in?rd={url}' } },
    {
      forwardAuth: {
        address: 'http://proxy.space.svc.cluster.local:4180/oauth2/auth',
        authResponseHeadersRegex: '^X-Auth-Request-',
        addAuthCookiesToResponse: ['session'],
      },
    },
  ]);
});
