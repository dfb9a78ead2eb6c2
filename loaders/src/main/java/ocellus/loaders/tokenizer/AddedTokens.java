package ocellus.loaders.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Finds added tokens in a text: from the left, the longest where several begin at one place.
 *
 * <p>Source: {@code AddedVocabulary} of Hugging Face's tokenizers.
 */
final class AddedTokens {
  private final List<AddedToken> all;
  private final Map<Character, List<AddedToken>> byFirst = new HashMap<>();

  AddedTokens(List<AddedToken> tokens) {
    all = tokens.stream().filter(t -> !t.content().isEmpty()).toList();
    for (AddedToken token : all) {
      byFirst.computeIfAbsent(token.content().charAt(0), _ -> new ArrayList<>()).add(token);
    }
    Comparator<AddedToken> longest = Comparator.comparingInt(t -> -t.content().length());
    byFirst.values().forEach(tokens2 -> tokens2.sort(longest));
  }

  /** Those that are looked for in the normalised text, or those that are not. */
  AddedTokens of(boolean normalized) {
    return new AddedTokens(all.stream().filter(t -> t.normalized() == normalized).toList());
  }

  /** One more than the largest id. */
  int vocabularySize() {
    return 1 + all.stream().mapToInt(AddedToken::id).max().orElse(-1);
  }

  /** Gives each piece of the text and each token in it to its consumer, in order. */
  void split(String text, Consumer<String> piece, Consumer<AddedToken> token) {
    int done = 0;
    for (int at = 0; at < text.length(); ) {
      AddedToken found = at(text, at);
      if (found == null) {
        at++;
        continue;
      }
      int start = at;
      int end = at + found.content().length();
      while (found.stripsLeft() && start > done && isSpaceBefore(text, start)) {
        start--;
      }
      while (found.stripsRight() && end < text.length() && isSpaceAt(text, end)) {
        end++;
      }
      if (start > done) {
        piece.accept(text.substring(done, start));
      }
      token.accept(found);
      done = end;
      at = end;
    }
    if (done < text.length()) {
      piece.accept(text.substring(done));
    }
  }

  private AddedToken at(String text, int at) {
    List<AddedToken> candidates = byFirst.get(text.charAt(at));
    if (candidates == null) {
      return null;
    }
    for (AddedToken token : candidates) {
      if (text.startsWith(token.content(), at)) {
        int end = at + token.content().length();
        return token.singleWord() && (isWordBefore(text, at) || isWordAt(text, end)) ? null : token;
      }
    }
    return null;
  }

  private static boolean isSpaceBefore(String text, int i) {
    return UnicodeClass.isSpace(text.codePointBefore(i));
  }

  private static boolean isSpaceAt(String text, int i) {
    return UnicodeClass.isSpace(text.codePointAt(i));
  }

  private static boolean isWordBefore(String text, int i) {
    return i > 0 && UnicodeClass.isWord(text.codePointBefore(i));
  }

  private static boolean isWordAt(String text, int i) {
    return i < text.length() && UnicodeClass.isWord(text.codePointAt(i));
  }
}
