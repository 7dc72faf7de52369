import { h } from 'vue';
import { Content } from 'vitepress';
import { VPHomeContent, VPHomeFeatures, VPHomeHero } from 'vitepress/theme';

/** What the reader meets first, in the landmark by which a screen reader finds it; the theme's own has none. */
export default {
  render: () => h('main', { class: 'VPHome' }, [h(VPHomeHero), h(VPHomeFeatures), h(VPHomeContent, () => h(Content))]),
};
