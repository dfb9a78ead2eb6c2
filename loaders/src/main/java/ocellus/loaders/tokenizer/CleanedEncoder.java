package ocellus.loaders.tokenizer;

/** A tokenizer of transformers whose texts open_clip cleans first ({@code HFTokenizer}). */
record CleanedEncoder(TextCleaning cleaning, TextEncoder encoder) implements TextEncoder {
  @Override
  public void encode(String text, TokenBuffer ids) {
    encoder.encode(cleaning.apply(text), ids);
  }

  @Override
  public int vocabularySize() {
    return encoder.vocabularySize();
  }
}
