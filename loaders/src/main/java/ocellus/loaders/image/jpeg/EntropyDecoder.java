package ocellus.loaders.image.jpeg;

/**
 * Decodes the MCUs of a scan, and goes on after damage as libjpeg does. Not thread-safe.
 *
 * <p>Where the data of a restart interval ends too early, what is missing is left as it was.
 */
abstract class EntropyDecoder {
  private static final int FIRST_RESTART = 0xd0;
  private static final int FIRST_FRAME = 0xc0;

  final Input input;
  private final int restartInterval;
  private int untilRestart;
  private int nextRestart;

  /** Whether the data of this interval is used up. */
  private boolean exhausted;

  EntropyDecoder(Input input, int restartInterval) {
    this.input = input;
    this.restartInterval = restartInterval;
    this.untilRestart = restartInterval;
  }

  /** Forgets everything about the MCUs so far. */
  abstract void reset();

  /**
   * Adds the coefficients of an MCU.
   *
   * @return whether there was data for all of it
   */
  abstract boolean decode(Mcu mcu) throws JpegException;

  /** Whether an interval is lost where its data is missing. */
  boolean needsData() {
    return true;
  }

  /** Goes to the next MCU, which may be behind a restart marker. */
  final void next(Mcu mcu) throws JpegException {
    if (restartInterval > 0) {
      if (untilRestart == 0) {
        restart();
      }
      untilRestart--;
    }
    if (!exhausted) {
      exhausted = !decode(mcu);
    }
  }

  /** Whether data is missing, so that nothing more can come before the next restart marker. */
  final boolean exhausted() {
    return exhausted && needsData();
  }

  /** Whether nothing more can come in this scan. */
  final boolean finished() {
    return exhausted() && restartInterval == 0;
  }

  private void restart() throws JpegException {
    reset();
    if (input.marker == 0) {
      input.nextMarker();
    }
    if (input.marker == FIRST_RESTART + nextRestart) {
      input.marker = 0;
    } else {
      resynchronise();
    }
    nextRestart = nextRestart + 1 & 7;
    untilRestart = restartInterval;
    if (input.marker == 0 || !needsData()) {
      exhausted = false;
    }
  }

  /**
   * Decides what a marker means that is not the one expected, as libjpeg's default does: one of the
   * last two is skipped; one of the next two, or a segment's, is kept for later, and this interval
   * is lost; any other is taken for the expected one.
   */
  private void resynchronise() throws JpegException {
    while (true) {
      if (input.marker >= FIRST_FRAME) {
        int ahead = input.marker - FIRST_RESTART - nextRestart & 7;
        if ((input.marker & 0xf8) != FIRST_RESTART || ahead == 1 || ahead == 2) {
          return;
        }
        if (ahead < 6) {
          input.marker = 0;
          return;
        }
      }
      input.nextMarker();
    }
  }
}
