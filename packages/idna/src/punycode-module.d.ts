// The library's file by name: `punycode` alone would be Node's own, deprecated module of that name.
declare module 'punycode/punycode.js' {
  const punycode: { encode(text: string): string; decode(text: string): string };
  export default punycode;
}
