/** Two warp threads, and one that goes through the eye of a heddle. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M9 6v20M16 6v5.5M16 20.5V26M23 6v20M16 11.5c-3 2.6-3 6.4 0 9c3-2.6 3-6.4 0-9z" />
    </svg>
  )
}
