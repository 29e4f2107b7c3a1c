import { prettyJson } from './pretty-json';

describe('prettyJson', () => {
  it('leaves every number and string as it was written', () => {
    const text = '{"id":9223372036854775807,"price":10.00,"e":1E2,"name":"Zo\\u00eb, {\\"a\\": [1]}"}';
    expect(prettyJson(text)).toBe(
      '{\n  "id": 9223372036854775807,\n  "price": 10.00,\n  "e": 1E2,\n  "name": "Zo\\u00eb, {\\"a\\": [1]}"\n}',
    );
  });

  it('lays out what is nested, and keeps what is empty on its line', () => {
    expect(prettyJson(' {"a":[1,{"b":[]}],"c":{}, "d":true }')).toBe(
      '{\n  "a": [\n    1,\n    {\n      "b": []\n    }\n  ],\n  "c": {},\n  "d": true\n}',
    );
  });

  it.each(['', 'ok', '"text"', '1', '{', '{"a":1}x', '<p>{}</p>'])('finds nothing to lay out in %j', (text) => {
    expect(prettyJson(text)).toBeNull();
  });
});
