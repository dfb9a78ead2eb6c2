package ocellus.loaders.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * SigLIP 2's tokenizer, which is Gemma's: byte pair encoding of whole texts, spaces as U+2581,
 * characters that the vocabulary lacks as their bytes.
 *
 * <p>Source: {@code GemmaTokenizer} and {@code Siglip2Tokenizer} of transformers; {@code BPE} of
 * Hugging Face's tokenizers.
 */
final class GemmaEncoder implements TextEncoder {
  private static final int BYTES = 256;

  private final Merges merges;
  private final Map<Integer, Integer> characters = new HashMap<>();
  private final int[] bytes = new int[BYTES];
  private final int unknown;
  private final AddedTokens inOriginal;
  private final AddedTokens inNormalized;
  private final boolean lowers;
  private final int size;

  /**
   * @param unknown the id of what the vocabulary lacks where it also lacks the bytes
   * @param lowers whether texts are made lower case
   */
  GemmaEncoder(BpeVocabulary vocabulary, int unknown, AddedTokens added, boolean lowers) {
    merges = vocabulary.merges();
    this.unknown = unknown;
    inOriginal = added.of(false);
    inNormalized = added.of(true);
    this.lowers = lowers;
    size = Math.max(vocabulary.size(), added.vocabularySize());
    vocabulary
        .ids()
        .forEach(
            (token, id) -> {
              if (!token.isEmpty() && token.codePointCount(0, token.length()) == 1) {
                characters.put(token.codePointAt(0), id);
              }
            });
    for (int b = 0; b < BYTES; b++) {
      bytes[b] = vocabulary.ids().getOrDefault("<0x%02X>".formatted(b), Frame.NONE);
    }
  }

  @Override
  public int vocabularySize() {
    return size;
  }

  @Override
  public void encode(String text, TokenBuffer ids) {
    inOriginal.split(text, piece -> encodeOriginal(piece, ids), token -> ids.add(token.id()));
  }

  private void encodeOriginal(String piece, TokenBuffer ids) {
    String cased = lowers ? CaseFolding.lowerEach(piece) : piece;
    inNormalized.split(
        cased.replace(' ', SentencePiece.SPACE),
        part -> encodePlain(part, ids),
        token -> ids.add(token.id()));
  }

  private void encodePlain(String text, TokenBuffer ids) {
    TokenBuffer symbols = new TokenBuffer(Integer.MAX_VALUE);
    boolean afterUnknown = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      Integer id = characters.get(c);
      boolean isUnknown = id == null && !addBytes(c, symbols);
      if (id != null) {
        symbols.add(id);
      } else if (isUnknown && !afterUnknown) {
        symbols.add(unknown);
      }
      afterUnknown = isUnknown;
    }
    int[] merged = symbols.toArray();
    ids.addAll(Arrays.copyOf(merged, BytePairs.merge(merges, merged, merged.length)));
  }

  /** Adds the bytes of a character, if the vocabulary has them all. */
  private boolean addBytes(int codePoint, TokenBuffer symbols) {
    byte[] utf8 = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
    for (byte b : utf8) {
      if (bytes[b & 0xff] == Frame.NONE) {
        return false;
      }
    }
    for (byte b : utf8) {
      symbols.add(bytes[b & 0xff]);
    }
    return true;
  }
}
