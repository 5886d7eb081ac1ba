// The login service of the tests: the certified OpenID provider of npm, with the people that a test declares.
// node oidc-server.mjs PACKAGES PORT: POST /people/<login> sets the claims of a person, who signs in with any
// password; POST /keys signs with another key from now on.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';

const [packages, port] = process.argv.slice(2);
const { Provider } = await import(createRequire(`${packages}/`).resolve('oidc-provider'));
const issuer = `http://127.0.0.1:${port}`;
const people = new Map();

const makeKey = (number) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid: `key-${number}`, use: 'sig', alg: 'RS256',
});

const client = {
  client_id: 'repartee-console',
  client_secret: 'a secret: of the % tests',
  redirect_uris: ['https://console.example.com/console/signed-in'],
  post_logout_redirect_uris: ['https://console.example.com/console/signed-out'],
};

let number = 0;
const makeProvider = () => {
  const provider = new Provider(issuer, {
    clients: [client],
    jwks: { keys: [makeKey(++number)] },
    cookies: { keys: ['for tests only'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
  });
  provider.on('server_error', (_, error) => console.error(error));
  return provider.callback();
};

let answer = makeProvider();
createServer(async (request, response) => {
  const [, kind, name] = request.url.split('/');
  if (kind === 'keys' && request.method === 'POST') {
    answer = makeProvider();
  } else if (kind === 'people' && request.method === 'POST') {
    let text = '';
    for await (const part of request) text += part;
    people.set(name, JSON.parse(text));
  } else {
    return answer(request, response);
  }
  response.writeHead(204).end();
}).listen(Number(port), '127.0.0.1');
