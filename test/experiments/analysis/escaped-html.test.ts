import { html, joined, jsonForScript, trusted } from '../../../experiments/analysis/report/escaped-html';

describe('HTML by template', () => {
  const hostile = `"><script>alert('x')</script>&`;

  it('escapes whatever is put into it, in text, attributes and lists', () => {
    const { text } = html`<a id="${hostile}">${hostile}</a>${[hostile, html`<b>${hostile}</b>`]}`;
    expect(text).not.toContain('<script');
    expect(text.match(/&quot;&gt;&lt;script&gt;/g)).toHaveLength(4);
  });

  it('puts nothing for what is absent, and leaves its own HTML alone', () => {
    expect(html`<p>${false}${null}${undefined}${0}${html`<i>${'<'}</i>`}${trusted('<hr>')}</p>`.text).toBe(
      '<p>0<i>&lt;</i><hr></p>',
    );
    expect(joined(['<', html`<b>x</b>`], ', ').text).toBe('&lt;, <b>x</b>');
  });

  it('has no layout of the source between tags, and keeps the space between words', () => {
    const layout = html`<ul>
      <li>one two ${'x'} three</li>
      ${'y'}
    </ul>`;
    expect(layout.text.replaceAll(/\s+</g, '<')).toBe('<ul><li>one two x three</li>y</ul>');
  });

  it('JSON cannot end the script it stands in', () => {
    expect(jsonForScript({ a: '</script>', b: NaN }).text).toBe('{"a":"\\u003c/script>","b":null}');
  });
});
