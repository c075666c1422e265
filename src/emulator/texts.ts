/** Invented, neutral sentences for generated rows. Each is JSON string content already: quotes and breaks are escaped. */

export const GREETINGS = ['Here it is.', 'In short:', 'Done.', 'As asked:', 'Result:', 'Voilà.', '✓'];

export const SENTENCES = [
  'The report covers three quarters and leaves out returns.',
  'Two of the five steps can run at the same time.',
  'The shipment left the warehouse on time and is due within two days.',
  'Set the threshold to 0.75 and run the check again.',
  'The café on the ground floor opens at eight.',
  'Rows without a date were kept and marked \\"undated\\".',
  'First measure, then change one thing, then measure again.\\n',
  'The summary has four points:\\n1. cost\\n2. time\\n3. risk\\n4. scope',
  'A table with the columns `name`, `amount` and `unit` is enough.',
  'The ticket belongs to the category \\"delivery\\".',
  'Temperatures stay between 4 °C and 9 °C through the week.',
  'This function reads the file twice; once is enough.',
  'The contract runs for twelve months and renews by itself.',
  'Use a path such as C:\\\\data\\\\input.csv on that system.',
  'The total is 1,284.50 including tax.',
  'Nothing in the text points to a refund.',
  'The sentence translates to: „Der Zug fährt um neun Uhr.“',
  '返品は三十日以内に受け付けます。',
  'Both answers are possible 🙂, the second is more likely.',
  'The index was built in 12 seconds and uses 40 MB.',
  'Sort by date, newest first, and show twenty a page.',
  'The meeting room holds ten people and has a screen.',
  'No change is needed before the next release.',
];

export const QUESTIONS = [
  'Summarise the following text in two sentences.',
  'Which category does this ticket belong to?',
  'Draft a short reply.',
  'Extract all amounts and dates as JSON.',
  'Translate this into German.',
  'What does this function do?',
  'Is there anything about a refund in here?',
];

export const TOOLS = [
  {
    name: 'look_up_order',
    description: 'State of an order',
    parameters: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
  },
  {
    name: 'get_weather',
    description: 'Weather at a place',
    parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  },
] as const;

const PLACES = ['harbour', 'airport', 'old town', 'river bank'];

/** Arguments of a call as the model writes them: JSON in a text, now and then cut off. */
export function argumentsOf(tool: number, chance: number): string {
  if (chance % 97 === 0) return '{"order": "A-';
  return tool === 0
    ? `{"order":"A-${1000 + (chance % 9000)}"}`
    : `{"place":"${PLACES[chance % PLACES.length]}"}`;
}
