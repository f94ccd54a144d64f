import { composeMessage } from '@mox/message-format';
import { systemRandom } from '@mox/runtime';

const message = composeMessage(
  {
    from: { name: 'Jürgen', address: 'juergen@example.org' },
    to: ['bob@example.com', { name: 'Doe, Jane', address: 'jane@example.com' }],
    subject: 'Grüße aus Wien',
    text: 'See the picture.\n',
    html: '<p>See the picture: <img src="cid:picture@example.org" alt="a picture"></p>',
    attachments: [
      // What has a contentId is shown in the HTML, the rest is listed beside it. Large files may be streams.
      { content: new Uint8Array(300), contentType: 'image/png', contentId: 'picture@example.org', filename: 'picture.png' },
      { content: 'a;b\n1;2\n', contentType: 'text/csv', filename: 'übersicht.csv' },
    ],
  },
  { clock: Date, random: systemRandom },
);

console.log(message.messageId, message.needsSmtputf8); // made of the clock and the random numbers given; false: all is ASCII
console.log(new TextDecoder().decode(message.bytes())); // or message.stream(), piece by piece
