/** The part of SVG-to-PDFKit (https://github.com/alafr/SVG-to-PDFKit) that figures use; the package ships no types. */
declare module 'svg-to-pdfkit' {
  function draw(
    document: unknown,
    svg: string,
    x: number,
    y: number,
    options: { readonly assumePt: boolean; readonly fontCallback: (family: string, bold: boolean) => string },
  ): void;
  export = draw;
}
