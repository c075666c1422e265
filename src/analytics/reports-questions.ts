/** Reports that answer what people ask of a bill: why it grew, what else it could be, who makes it, when. Pure. */
import { made, type Report } from './report-definition.ts';

export const QUESTION_REPORTS: readonly Report[] = [
  made('cost-drivers', {
    title: 'Whose list cost grew, and why',
    by: ['model'],
    groupsMax: 2,
    takesTime: false,
    period: 'week',
    reach: 'before',
    columns: {
      grp: 'group',
      list_cost_before_usd: 'usd',
      list_cost_usd: 'usd',
      cost_change_usd: 'usd',
      volume_effect_usd: 'usd',
      mix_effect_usd: 'usd',
      tokens_per_call_effect_usd: 'usd',
      price_effect_usd: 'usd',
      main_driver: 'text',
      completions_before: 'count',
      completions: 'count',
      total_tokens_before: 'tokens',
      total_tokens: 'tokens',
      priced_token_share: 'ratio',
      priced_token_share_before: 'ratio',
      earlier_since: 'bound',
      earlier_until: 'bound',
      later_since: 'bound',
      later_until: 'bound',
    },
    minor: [
      'total_tokens_before',
      'total_tokens',
      'completions_before',
      'completions',
      'priced_token_share_before',
      'priced_token_share',
      'list_cost_before_usd',
    ],
  }),
];
