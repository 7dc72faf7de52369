import { App } from 'cdk8s';
import { Component } from '../../../lib/constructs/component';
import { ConfigFiles } from '../../../lib/constructs/config-files';

const component = () => new Component(new App(), 'web', { namespace: 'ahuora', partOf: 'ahuora', syncWave: 0 });

test('a file whose lines end as Windows ends them is refused, with its name and the line', () => {
  const make = (content: string) => new ConfigFiles(component(), 'web-config', { 'run.sh': content });
  expect(() => make('#!/bin/sh\necho a\r\n')).toThrow(/^ConfigMap web-config, run\.sh: line 2 ends in CR LF, .* save the file with LF alone/);
  expect(() => make('#!/bin/sh\nprintf "a\\r\\n"\n')).not.toThrow();
}); // prettier-ignore
