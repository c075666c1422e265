/** The README, and those beside the code that it sends its reader to. */
export const READMES = ['README.md', 'jobs/README.md', 'sql/README.md', 'src/README.md'] as const;
