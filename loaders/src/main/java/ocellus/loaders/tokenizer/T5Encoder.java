package ocellus.loaders.tokenizer;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SigLIP's tokenizer as open_clip has it: T5's ({@code T5Tokenizer} of transformers), unigram over
 * words with a space before each.
 *
 * <p>Source: transformers' {@code tokenization_t5.py}; {@code Precompiled} and {@code Unigram} of
 * Hugging Face's tokenizers.
 */
final class T5Encoder implements TextEncoder {
  /** Longer ones are not looked up as a whole, in UTF-8. */
  private static final int LONGEST_CLUSTER = 5;

  private static final Pattern CLUSTER = Pattern.compile("\\X");

  private final CharsMap charsMap;
  private final Unigram unigram;
  private final AddedTokens inOriginal;
  private final AddedTokens inNormalized;
  private final int size;
  private final WordCache cache = new WordCache();

  /**
   * @param size of the vocabulary
   */
  T5Encoder(CharsMap charsMap, Unigram unigram, AddedTokens added, int size) {
    this.charsMap = charsMap;
    this.unigram = unigram;
    inOriginal = added.of(false);
    inNormalized = added.of(true);
    this.size = Math.max(size, added.vocabularySize());
  }

  @Override
  public int vocabularySize() {
    return size;
  }

  @Override
  public void encode(String text, TokenBuffer ids) {
    inOriginal.split(
        text, piece -> encodeNormalized(normalize(piece), ids), token -> ids.add(token.id()));
  }

  private void encodeNormalized(String text, TokenBuffer ids) {
    inNormalized.split(text, part -> encodeWords(part, ids), token -> ids.add(token.id()));
  }

  private void encodeWords(String text, TokenBuffer ids) {
    int at = 0;
    while (at < text.length() && !ids.overflowed()) {
      int start = at;
      while (at < text.length() && !UnicodeClass.isSpace(text.charAt(at))) {
        at++; // all white space is in the first plane
      }
      if (at > start) {
        encodeWord(text.substring(start, at), ids);
      }
      at++;
    }
  }

  /** Cuts before each sign for a space, of which there is one before the word. */
  private void encodeWord(String word, TokenBuffer ids) {
    char space = SentencePiece.SPACE;
    String marked = word.charAt(0) == space ? word : space + word;
    for (int start = 0; start < marked.length(); ) {
      int next = marked.indexOf(space, start + 1);
      int end = next < 0 ? marked.length() : next;
      ids.addAll(cache.get(marked.substring(start, end), unigram::encode));
      start = end;
    }
  }

  /** Replaces what a reader takes for one character as a whole, or else each part of it. */
  private String normalize(String text) {
    if (charsMap.isEmpty()) {
      return text;
    }
    StringBuilder normalized = new StringBuilder(text.length());
    Matcher clusters = CLUSTER.matcher(text);
    while (clusters.find()) {
      String cluster = clusters.group();
      String whole =
          utf8Length(cluster) <= LONGEST_CLUSTER ? charsMap.replacementOfShortest(cluster) : null;
      if (whole != null) {
        normalized.append(whole);
      } else {
        cluster.codePoints().forEach(c -> appendReplaced(normalized, Character.toString(c)));
      }
    }
    return normalized.toString();
  }

  private void appendReplaced(StringBuilder normalized, String character) {
    String replacement = charsMap.replacementOfShortest(character);
    normalized.append(replacement == null ? character : replacement);
  }

  private static int utf8Length(String text) {
    return text.codePoints().map(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4).sum();
  }
}
