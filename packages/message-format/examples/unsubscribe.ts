import { composeMessage, parseListHeaders, parseMessage } from '@mox/message-format';
import { systemRandom } from '@mox/runtime';

// A newsletter that can be left by one click (RFC 8058). Both fields are to be signed by DKIM.
const newsletter = composeMessage(
  {
    from: 'news@example.org',
    to: ['bob@example.com'],
    subject: 'News',
    text: 'Nothing new.\n',
    list: {
      id: { identifier: 'news.example.org', description: 'News' },
      unsubscribe: ['mailto:leave@example.org'],
      oneClick: 'https://example.org/leave?id=17',
    },
    headers: [['Auto-Submitted', 'auto-generated']],
  },
  { clock: Date, random: systemRandom },
);

// The other side: once the user says so, and where the signature covers the fields.
const { oneClick } = parseListHeaders(parseMessage(newsletter.bytes()).headers);
if (oneClick !== undefined) {
  const request = new Request(oneClick, { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) });
  console.log(request.method, request.url); // POST https://example.org/leave?id=17
}
