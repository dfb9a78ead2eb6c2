package ocellus.loaders.tokenizer;

import java.util.Arrays;

/**
 * A text as a text tower takes it.
 *
 * @param ids as many as the tower's context is long: start and end token and padding included. Not
 *     to be changed
 * @param offset how many ids of padding precede the text, 0 but for towers padded on the left
 * @param length how many ids are not padding, those of the start and end token included
 * @param truncated whether the text was longer than the context, and its end is missing
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below
public record TextTokens(int[] ids, int offset, int length, boolean truncated) {
  /** Ids none of which is padding. */
  public static TextTokens of(int... ids) {
    return new TextTokens(ids, 0, ids.length, false);
  }

  /** The same ids for a tower that takes padding for text. */
  public TextTokens unmasked() {
    return new TextTokens(ids, 0, ids.length, truncated);
  }

  /** The attention mask: whether the id at {@code i} is one of the text. */
  public boolean isText(int i) {
    return i >= offset && i < offset + length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TextTokens t
        && Arrays.equals(ids, t.ids)
        && offset == t.offset
        && length == t.length
        && truncated == t.truncated;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return "TextTokens" + Arrays.toString(ids);
  }
}
