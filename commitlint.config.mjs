/** Messages of commits: versions of images are computed from their types. */
export default {
  extends: ['@commitlint/config-conventional'],
  rules: {
    // A sentence may begin with a name, and long lines in a body are lists of figures.
    'subject-case': [0],
    'body-max-line-length': [0],
    'body-leading-blank': [2, 'always'],
  },
};
