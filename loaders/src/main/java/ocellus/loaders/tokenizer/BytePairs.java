package ocellus.loaders.tokenizer;

import java.util.Arrays;

/**
 * Byte pair encoding of one word: the pair that was learned first is merged, the leftmost where
 * there are several, until no pair is left that was learned. Time O(n log n).
 *
 * <p>Source: Sennrich et al. 2016, in the order of Hugging Face's tokenizers ({@code
 * Word::merge_all}).
 */
final class BytePairs {
  private static final int END = -1;
  private static final int MERGED = -1;

  private final Merges merges;
  private final int[] symbols;
  private final int[] next;
  private final int[] previous;

  // A binary heap of rank and position.
  private long[] heap;
  private int heapSize;

  private BytePairs(Merges merges, int[] symbols, int size) {
    this.merges = merges;
    this.symbols = symbols;
    next = new int[size];
    previous = new int[size];
    for (int i = 0; i < size; i++) {
      next[i] = i + 1 < size ? i + 1 : END;
      previous[i] = i - 1;
    }
    heap = new long[Math.max(4, size)];
  }

  /**
   * Merges the first {@code size} of {@code symbols} in place.
   *
   * @return how many are left, from the start of the array
   */
  static int merge(Merges merges, int[] symbols, int size) {
    return size < 2 ? size : new BytePairs(merges, symbols, size).run(size);
  }

  private int run(int size) {
    for (int i = 0; i + 1 < size; i++) {
      offer(i);
    }
    while (heapSize > 0) {
      long first = poll();
      mergeAt((int) first, (int) (first >>> 32));
    }
    int left = 0;
    for (int i = 0; i != END; i = next[i]) {
      symbols[left++] = symbols[i];
    }
    return left;
  }

  private void mergeAt(int at, int rank) {
    int right = symbols[at] == MERGED ? END : next[at];
    if (right == END) {
      return; // merged meanwhile, or now the last
    }
    int now = merges.rank(symbols[at], symbols[right]);
    int product = merges.product(rank);
    if (now < 0 || merges.product(now) != product) {
      return; // its right neighbour was merged meanwhile
    }
    symbols[at] = product;
    symbols[right] = MERGED;
    next[at] = next[right];
    if (next[at] != END) {
      previous[next[at]] = at;
      offer(at);
    }
    if (previous[at] != END) {
      offer(previous[at]);
    }
  }

  /** Notes the pair at a position, if it was learned. */
  private void offer(int at) {
    int rank = merges.rank(symbols[at], symbols[next[at]]);
    if (rank < 0) {
      return;
    }
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, 2 * heapSize);
    }
    long entry = (long) rank << 32 | at;
    int i = heapSize++;
    while (i > 0 && heap[(i - 1) / 2] > entry) {
      heap[i] = heap[(i - 1) / 2];
      i = (i - 1) / 2;
    }
    heap[i] = entry;
  }

  private long poll() {
    long first = heap[0];
    long last = heap[--heapSize];
    int i = 0;
    for (int child = 1; child < heapSize; child = 2 * i + 1) {
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= last) {
        break;
      }
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}
