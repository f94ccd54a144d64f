// iconv-lite's tables are plain data, without types of their own and without a need for Node.
declare module 'iconv-lite/encodings/sbcs-data-generated.js' {
  const tables: Readonly<Record<string, string | { readonly type: string; readonly chars: string }>>;
  export default tables;
}
declare module 'iconv-lite/encodings/sbcs-data.js' {
  const tables: Readonly<Record<string, string | { readonly type: string; readonly chars: string }>>;
  export default tables;
}
