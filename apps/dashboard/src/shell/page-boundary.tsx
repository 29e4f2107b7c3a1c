import { Box, Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { isProblem } from '../api/problem-error';
import { ProblemNotice } from '../ui/problem-notice';

/** Shown in place of a page that failed; the rest of the dashboard goes on. */
export function BrokenPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = async () => {
    if (isProblem(error, 'unloadable') && (await isServed())) return window.location.reload();
    reset();
    await router.invalidate();
  };
  return (
    <Box maw={640} mx="auto" py="xl" px="md">
      <ProblemNotice error={error} onRetry={() => void retry()} />
    </Box>
  );
}

/**
 * Whether the server answers. After an upgrade it has the code of a page under another name, which only a dashboard that is loaded anew
 * knows; while it does not answer, loading anew would leave nothing but the browser's own error.
 */
async function isServed(): Promise<boolean> {
  return fetch('/', { method: 'HEAD', headers: { accept: 'text/html' } }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Shown at an address that no page has, and for a store that the person has no role in. */
export function MissingPage() {
  return (
    <Center mih="60vh" px="md">
      <Stack align="center" gap="sm" ta="center">
        <title>Not found · Signpost</title>
        <Title order={1}>There is nothing here</Title>
        <Text c="dimmed">The page does not exist, or it belongs to a store that you are not a member of.</Text>
        <Button renderRoot={(props) => <Link to="/" {...props} />}>To the start page</Button>
      </Stack>
    </Center>
  );
}

/** Stands for a page while its code is on the way, when that takes long enough to notice. */
export function PendingPage() {
  return (
    <Center mih="40vh">
      <Loader aria-label="Loading" role="status" type="dots" />
    </Center>
  );
}
