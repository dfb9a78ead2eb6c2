package ocellus.loaders.tokenizer;

import java.util.Arrays;

/**
 * SigLIP's tokenizer as transformers has it ({@code SiglipTokenizer}): lower case, no ASCII
 * punctuation, then SentencePiece.
 */
final class SiglipEncoder implements TextEncoder {
  private final SentencePiece pieces;
  private final AddedTokens added;
  private final boolean lowers;

  /** What precedes each text on its way through SentencePiece, and is taken off again. */
  private final String guard;

  private final int guardLength;

  /**
   * @param guard the token for what is unknown: SentencePiece drops spaces before a text, so
   *     something has to stand before them
   * @param lowers whether texts are made lower case
   */
  SiglipEncoder(SentencePiece pieces, AddedTokens added, String guard, boolean lowers) {
    this.pieces = pieces;
    this.added = added;
    this.guard = guard;
    this.lowers = lowers;
    guardLength = pieces.encode(guard).length;
  }

  @Override
  public int vocabularySize() {
    return Math.max(pieces.size(), added.vocabularySize());
  }

  @Override
  public void encode(String text, TokenBuffer ids) {
    added.split(
        SentencePiece.SPACE + text.replace(SentencePiece.SPACE, ' '),
        piece -> ids.addAll(encode(piece)),
        token -> ids.add(token.id()));
  }

  private int[] encode(String piece) {
    int[] all = pieces.encode(guard + canonical(piece));
    return all.length < guardLength ? all : Arrays.copyOfRange(all, guardLength, all.length);
  }

  private String canonical(String text) {
    String cased = lowers ? PythonText.lower(text) : text;
    StringBuilder plain = new StringBuilder(cased.length());
    for (int i = 0; i < cased.length(); i++) {
      if (!PythonText.isPunctuation(cased.charAt(i))) {
        plain.append(cased.charAt(i));
      }
    }
    return PythonText.singleSpaced(plain.toString());
  }
}
