declare module 'tr46' {
  const tr46: {
    toASCII(name: string, options: Readonly<Record<string, boolean>>): string | null;
    toUnicode(name: string, options: Readonly<Record<string, boolean>>): { readonly domain: string; readonly error: boolean };
  };
  export default tr46;
}
