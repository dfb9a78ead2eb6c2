package ocellus.loaders.tokenizer;

import java.util.List;

/**
 * CLIP's tokenizer as transformers has it ({@code CLIPTokenizer}, {@code CLIPTokenizerFast}): NFC,
 * runs of white space as one space, lower case.
 */
final class TransformersClip implements TextEncoder {
  /** Where these stand the words are cut, though they are no tokens here. */
  private static final List<String> LITERALS = List.of("<|startoftext|>", "<|endoftext|>");

  private final ClipBpe words;
  private final AddedTokens inOriginal;
  private final AddedTokens inNormalized;
  private final int vocabularySize;

  TransformersClip(BpeVocabulary vocabulary, int unknown, AddedTokens added) {
    words = new ClipBpe(vocabulary, unknown);
    inOriginal = added.of(false);
    inNormalized = added.of(true);
    vocabularySize = Math.max(vocabulary.size(), added.vocabularySize());
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void encode(String text, TokenBuffer ids) {
    inOriginal.split(text, piece -> encodeOriginal(piece, ids), token -> ids.add(token.id()));
  }

  private void encodeOriginal(String piece, TokenBuffer ids) {
    String normalized = CaseFolding.lowerEach(FrozenNfc.normalize(piece));
    inNormalized.split(
        normalized, part -> encodeNormalized(part, ids), token -> ids.add(token.id()));
  }

  private void encodeNormalized(String text, TokenBuffer ids) {
    ClipWords cut = new ClipWords(text, false);
    while (!ids.overflowed()) {
      String literal = literalNext(cut);
      if (literal != null) {
        cut.next(literal);
        encodePlain(literal, ids);
      } else if (cut.next()) {
        words.encode(cut.word(), ids);
      } else {
        return;
      }
    }
  }

  private static String literalNext(ClipWords cut) {
    for (String literal : LITERALS) {
      if (cut.nextIs(literal)) {
        return literal;
      }
    }
    return null;
  }

  private void encodePlain(String text, TokenBuffer ids) {
    ClipWords cut = new ClipWords(text, false);
    while (cut.next()) {
      words.encode(cut.word(), ids);
    }
  }
}
