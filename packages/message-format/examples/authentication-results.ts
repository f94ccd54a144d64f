import { findFields, parseAuthenticationResults, parseMessage } from '@mox/message-format';

const message = parseMessage(
  new TextEncoder().encode(`Authentication-Results: mx.example.com; dkim=pass header.d=example.org header.s=s1;
 spf=pass (sender is permitted) smtp.mailfrom=example.org; dmarc=pass header.from=example.org
From: juergen@example.org

`),
);
for (const field of findFields(message.headers, 'authentication-results')) {
  const parsed = parseAuthenticationResults(field.value);
  // Only what the own server wrote is to be believed (RFC 8601 §5): anybody can write such a field.
  if (!parsed.ok || parsed.value.authservId !== 'mx.example.com') continue;
  for (const { method, result, comment, properties } of parsed.value.results) {
    console.log(method, result, comment ?? '', properties.map(({ type, property, value }) => `${type}.${property}=${value}`).join(' '));
  }
}
// dkim pass  header.d=example.org header.s=s1
// spf pass sender is permitted smtp.mailfrom=example.org
// dmarc pass  header.from=example.org
