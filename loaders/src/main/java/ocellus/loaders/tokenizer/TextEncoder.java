package ocellus.loaders.tokenizer;

/** The ids of a text without what frames it. Thread-safe. */
interface TextEncoder {
  /** Appends the ids of {@code text}; may stop once {@code ids} has overflowed. */
  void encode(String text, TokenBuffer ids);

  /** One more than the largest id that can come out. */
  int vocabularySize();
}
