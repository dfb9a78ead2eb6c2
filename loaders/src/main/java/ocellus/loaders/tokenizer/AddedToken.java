package ocellus.loaders.tokenizer;

/**
 * A token that is found in texts as it stands, before anything else cuts them.
 *
 * @param stripsLeft whether white space before it belongs to it
 * @param stripsRight whether white space after it belongs to it
 * @param singleWord whether it must not touch a letter, digit or underscore
 * @param normalized whether it is looked for in the normalised text rather than in the original
 */
record AddedToken(
    int id,
    String content,
    boolean stripsLeft,
    boolean stripsRight,
    boolean singleWord,
    boolean normalized) {}
