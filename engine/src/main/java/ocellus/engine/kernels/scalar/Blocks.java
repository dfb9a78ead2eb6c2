package ocellus.engine.kernels.scalar;

import ocellus.engine.Workspace;

/** Splits a range into blocks that the threads of a workspace share. */
final class Blocks {
  private Blocks() {}

  /** Work on the elements from (inclusive) to (exclusive). */
  @FunctionalInterface
  interface Body {
    void run(int from, int to);
  }

  /** Runs {@code body} over 0 .. count in blocks of {@code size}. */
  static void run(Workspace ws, int count, int size, Body body) {
    ws.threads()
        .run(
            Math.ceilDiv(count, size),
            (block, worker) -> {
              int from = block * size;
              body.run(from, from + Math.min(size, count - from));
            });
  }
}
