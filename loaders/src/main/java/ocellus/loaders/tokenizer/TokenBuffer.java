package ocellus.loaders.tokenizer;

import java.util.Arrays;

/** The ids of a text, as many of them as fit. */
final class TokenBuffer {
  private int[] ids = new int[16];
  private int size;
  private final int most;
  private boolean overflowed;

  /**
   * @param most how many ids fit
   */
  TokenBuffer(int most) {
    this.most = most;
  }

  /** Appends an id, or notes that it doesn't fit. */
  void add(int id) {
    if (size == most) {
      overflowed = true;
      return;
    }
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, Math.min(2 * size, most));
    }
    ids[size++] = id;
  }

  void addAll(int[] more) {
    for (int id : more) {
      add(id);
    }
  }

  int size() {
    return size;
  }

  int get(int i) {
    return ids[i];
  }

  /** Whether an id didn't fit: the rest of the text makes no difference. */
  boolean overflowed() {
    return overflowed;
  }

  int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}
