import encodeQr from 'qr';
import classes from './qr-code.module.css';

interface QrCodeProps {
  readonly text: string;
  /** What it is, for those who do not see it. */
  readonly name: string;
}

/** The margin that every reader needs, in modules (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** A text for a camera: always dark on light, because not every reader accepts light on dark. */
export function QrCode({ text, name }: QrCodeProps) {
  const rows = encodeQr(text, 'raw', { ecc: 'low', border: QUIET_ZONE });
  const squares = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')));
  return (
    <svg role="img" aria-label={name} className={classes.code} viewBox={`0 0 ${rows.length} ${rows.length}`}>
      <path d={squares.join('')} />
    </svg>
  );
}
